# phenojax. `make demo` and `make test` need python3 (3.11 or newer), g++ and make; the rest comes from the package index
# into the folder .venv of this checkout. Nothing outside of the checkout is changed.

VENV := .venv
PYTHON :=
DEMO := demo
DEMO_GENES := 40
DEMO_PERMUTATIONS := 1000
WERROR := OFF
FUZZ_SECONDS := 60
PYTEST_ARGS :=
# PEERS=1: the tests that compare answers with dlib, torch and onnxruntime run too; without, they are skipped.
PEERS :=

BIN := $(VENV)/bin
PY := "$(BIN)/python"
PIP := $(PY) -m pip --disable-pip-version-check --no-input -qq
SOURCES := $(shell find phenojax core_cpp -type f ! -name '*.pyc' ! -name '*.so' ! -path 'core_cpp/tests/*' ! -path 'core_cpp/fuzz/*') \
           CMakeLists.txt pyproject.toml README.md LICENSE
CPP := $(shell find core_cpp -name '*.cpp' -o -name '*.hpp')
# The requirements of one extra of pyproject.toml, without building the package for it.
EXTRA = $(PY) -c 'import sys, tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"][sys.argv[1]], sep="\n")'

.DELETE_ON_ERROR:
.PHONY: help demo test install lint native-test fuzz clean always

help:
	@echo "make demo          simulate a cohort, screen it, and say where the report is"
	@echo "make test          run the tests             (PYTEST_ARGS='-k similarity')"
	@echo "make lint          ruff, mypy, import-linter, clang-format, clang-tidy"
	@echo "make native-test   the core's own tests under the sanitizers"
	@echo "make fuzz          every fuzz target for FUZZ_SECONDS=60 (needs clang++)"
	@echo "make install       only build and install phenojax into $(VENV)"
	@echo "make clean         remove $(VENV), build/ and $(DEMO)/"
	@echo "Each makes what it needs; PYTHON=python3.12 picks the interpreter."

# The recipe leaves the stamp alone when the environment is in order, so what depends on it is then not made again.
$(VENV)/build.env: always
	@sh .ci/environment.sh "$(VENV)" "$(PYTHON)"

$(VENV)/installed: $(VENV)/build.env $(SOURCES)
	@echo "building and installing phenojax into $(VENV)"
	@. "./$(VENV)/build.env" && $(PIP) install --config-settings=cmake.define.PHENOJAX_WERROR=$(WERROR) .
	@touch $@

$(VENV)/installed-%: $(VENV)/build.env pyproject.toml
	@echo "installing the tools of pyproject.toml's extra '$*' into $(VENV)"
	@$(EXTRA) $* >$@.txt && $(PIP) install -r $@.txt
	@touch $@

install: $(VENV)/installed

demo: install
	@mkdir -p $(DEMO)
	"$(BIN)/phenojax" simulate --out $(DEMO)/cohort.jsonl.gz --genes $(DEMO_GENES) --null-genes 5 --seed 1
	"$(BIN)/phenojax" screen $(DEMO)/cohort.jsonl.gz --out $(DEMO)/results --permutations $(DEMO_PERMUTATIONS)
	@echo "Read the report: $(CURDIR)/$(DEMO)/results/report.html"

# PYTHONSAFEPATH: the installed package is tested, here and in subprocesses, not the folder phenojax/ of the checkout.
test: install $(VENV)/installed-test $(VENV)/installed-faces $(VENV)/installed-head $(PEERS:%=$(VENV)/installed-peers)
	PYTHONSAFEPATH=1 $(PY) -m pytest $(PYTEST_ARGS)

build/compile_commands.json: $(VENV)/installed-lint CMakeLists.txt core_cpp/CMakeLists.txt $(CPP)
	@PATH="$(CURDIR)/$(BIN):$$PATH" cmake -S . -B build/tidy -G Ninja -DPHENOJAX_PYTHON=OFF >build/tidy.log
	@cp build/tidy/compile_commands.json $@

lint: install $(VENV)/installed-test $(VENV)/installed-faces $(VENV)/installed-head $(VENV)/installed-lint build/compile_commands.json
	"$(BIN)/ruff" check
	"$(BIN)/ruff" format --check
	"$(BIN)/mypy"
	"$(BIN)/lint-imports"
	@echo "clang-format and clang-tidy of the core"
	@"$(BIN)/clang-format" --dry-run -Werror $(CPP)
	@ls core_cpp/src/*.cpp | xargs -P "$$(nproc)" -n 1 "$(BIN)/clang-tidy" -p build --quiet 2>build/tidy.log

native-test: $(VENV)/installed-lint
	@for preset in asan tsan; do \
	  PATH="$(CURDIR)/$(BIN):$$PATH"; export PATH; \
	  cmake --preset $$preset >/dev/null && cmake --build --preset $$preset && ctest --preset $$preset || exit 1; \
	done

fuzz: $(VENV)/installed-lint
	@PATH="$(CURDIR)/$(BIN):$$PATH"; export PATH; \
	cmake --preset fuzz >/dev/null && cmake --build --preset fuzz && core_cpp/fuzz/run.sh build/fuzz $(FUZZ_SECONDS)

clean:
	rm -rf $(VENV) build $(DEMO)
