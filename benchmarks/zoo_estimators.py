"""The zoo's estimators: one of every scikit-learn family that skl2onnx converts and a table can train."""

from collections.abc import Callable, Iterator
from typing import Any

from sklearn import (
    calibration,
    cluster,
    compose,
    cross_decomposition,
    decomposition,
    discriminant_analysis,
    dummy,
    ensemble,
    feature_selection,
    gaussian_process,
    impute,
    linear_model,
    model_selection,
    multiclass,
    naive_bayes,
    neighbors,
    neural_network,
    preprocessing,
    random_projection,
    svm,
    tree,
)
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline, make_union
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

Make = Callable[[], Any]

_LINEAR = [
    "ARDRegression",
    "BayesianRidge",
    "ElasticNet",
    "ElasticNetCV",
    "GammaRegressor",
    "HuberRegressor",
    "Lars",
    "LarsCV",
    "Lasso",
    "LassoCV",
    "LassoLars",
    "LassoLarsCV",
    "LassoLarsIC",
    "LinearRegression",
    "OrthogonalMatchingPursuit",
    "OrthogonalMatchingPursuitCV",
    "PassiveAggressiveRegressor",
    "PoissonRegressor",
    "QuantileRegressor",
    "RANSACRegressor",
    "Ridge",
    "RidgeCV",
    "TheilSenRegressor",
    "TweedieRegressor",
]
_SCALERS = ["MaxAbsScaler", "MinMaxScaler", "Normalizer", "PowerTransformer", "RobustScaler", "StandardScaler"]
_NAIVE = ["BernoulliNB", "CategoricalNB", "ComplementNB", "GaussianNB", "MultinomialNB"]
_UNSURE = ["PassiveAggressiveClassifier", "Perceptron", "RidgeClassifier", "RidgeClassifierCV"]

NOT_FOR_A_TABLE = {
    "CountVectorizer, TfidfVectorizer, TfidfTransformer, FeatureHasher, DictVectorizer": "read texts or dicts, not "
    "numbers; texts are hashed by the input kind `text`",
    "LabelEncoder, LabelBinarizer": "encode targets, which the output kind does",
    "MultiTaskLasso, MultiTaskElasticNet (and their CV), MultiOutputClassifier, MultiOutputRegressor": "answer several "
    "numbers at once; a project asks for one",
    "IsolationForest, OneClassSVM, SGDOneClassSVM, LocalOutlierFactor, GaussianMixture": "learn from no target, and "
    "answer neither a class nor a number that was asked for",
    "KNeighborsTransformer, NearestNeighbors": "answer a sparse graph of neighbours",
}
"""What skl2onnx can convert and no project can train, with the reason."""


def numbers() -> Iterator[tuple[str, Make]]:
    """Estimators of a number, by name."""
    for name in _LINEAR:
        yield name, getattr(linear_model, name)
    yield "SGDRegressor", lambda: make_pipeline(preprocessing.StandardScaler(), linear_model.SGDRegressor())
    yield "DecisionTreeRegressor", DecisionTreeRegressor
    yield "ExtraTreeRegressor", tree.ExtraTreeRegressor
    yield "RandomForestRegressor", lambda: ensemble.RandomForestRegressor(20)
    yield "ExtraTreesRegressor", lambda: ensemble.ExtraTreesRegressor(20)
    yield "GradientBoostingRegressor", lambda: ensemble.GradientBoostingRegressor(n_estimators=20)
    yield "HistGradientBoostingRegressor", lambda: ensemble.HistGradientBoostingRegressor(max_iter=20)
    yield "AdaBoostRegressor", lambda: ensemble.AdaBoostRegressor(n_estimators=10)
    yield "BaggingRegressor", ensemble.BaggingRegressor
    yield "VotingRegressor", lambda: ensemble.VotingRegressor([("a", Ridge()), ("b", DecisionTreeRegressor())])
    yield "StackingRegressor", lambda: ensemble.StackingRegressor([("a", Ridge()), ("b", DecisionTreeRegressor())])
    yield "KNeighborsRegressor", neighbors.KNeighborsRegressor
    yield "RadiusNeighborsRegressor", lambda: neighbors.RadiusNeighborsRegressor(radius=20)
    yield "MLPRegressor", lambda: neural_network.MLPRegressor(hidden_layer_sizes=(16,), max_iter=200)
    yield "SVR", svm.SVR
    yield "NuSVR", svm.NuSVR
    yield "LinearSVR", svm.LinearSVR
    yield "GaussianProcessRegressor", lambda: gaussian_process.GaussianProcessRegressor(alpha=0.1)
    yield "PLSRegression", cross_decomposition.PLSRegression
    yield "GridSearchCV", lambda: model_selection.GridSearchCV(Ridge(), {"alpha": [0.1, 1]}, cv=2)
    yield "DummyRegressor", dummy.DummyRegressor
    for name, step in steps():
        yield f"{name} + Ridge", lambda step=step: make_pipeline(step(), Ridge())


def steps() -> Iterator[tuple[str, Make]]:
    """Transformers, by name; each is tried in front of a ridge regression."""
    for name in _SCALERS:
        yield name, getattr(preprocessing, name)
    yield "Binarizer", lambda: preprocessing.Binarizer(threshold=1.0)
    yield "KBinsDiscretizer", lambda: preprocessing.KBinsDiscretizer(4, encode="ordinal", quantile_method="linear")
    yield "PolynomialFeatures", preprocessing.PolynomialFeatures
    yield "QuantileTransformer", lambda: preprocessing.QuantileTransformer(n_quantiles=50)
    yield "FunctionTransformer (identity)", preprocessing.FunctionTransformer
    yield "OneHotEncoder", lambda: _of_colour(preprocessing.OneHotEncoder(sparse_output=False))
    yield "OrdinalEncoder", lambda: _of_colour(preprocessing.OrdinalEncoder())
    yield "TargetEncoder", lambda: _of_colour(preprocessing.TargetEncoder(target_type="continuous", cv=2))
    yield "SimpleImputer", impute.SimpleImputer
    yield "KNNImputer", impute.KNNImputer
    yield "PCA", lambda: decomposition.PCA(2)
    yield "IncrementalPCA", lambda: decomposition.IncrementalPCA(2)
    yield "TruncatedSVD", lambda: decomposition.TruncatedSVD(2)
    yield "KernelPCA", lambda: decomposition.KernelPCA(2, kernel="rbf")
    yield "GaussianRandomProjection", lambda: random_projection.GaussianRandomProjection(2)
    yield "KMeans", lambda: cluster.KMeans(4, n_init=1)
    yield "MiniBatchKMeans", lambda: cluster.MiniBatchKMeans(4, n_init=1)
    yield "RandomTreesEmbedding", lambda: ensemble.RandomTreesEmbedding(5, sparse_output=False)
    yield "VarianceThreshold", feature_selection.VarianceThreshold
    score = feature_selection.f_regression
    yield "SelectKBest", lambda: feature_selection.SelectKBest(score, k=2)
    yield "SelectPercentile", lambda: feature_selection.SelectPercentile(score, percentile=70)
    yield "GenericUnivariateSelect", lambda: feature_selection.GenericUnivariateSelect(score, mode="k_best", param=2)
    for name in ("SelectFdr", "SelectFpr", "SelectFwe"):
        yield name, lambda name=name: getattr(feature_selection, name)(score)
    yield "SelectFromModel", lambda: feature_selection.SelectFromModel(LinearRegression())
    yield "RFE", lambda: feature_selection.RFE(LinearRegression())
    yield "RFECV", lambda: feature_selection.RFECV(LinearRegression(), cv=2)
    yield "FeatureUnion", lambda: make_union(preprocessing.StandardScaler(), decomposition.PCA(2))
    yield "SequentialFeatureSelector", lambda: feature_selection.SequentialFeatureSelector(LinearRegression(), cv=2)


def classes() -> Iterator[tuple[str, Make]]:
    """Estimators of classes, by name. Those that know no probabilities are calibrated, as training asks."""
    yield "LogisticRegression", LogisticRegression
    yield "LogisticRegressionCV", lambda: linear_model.LogisticRegressionCV(Cs=3, cv=2)
    yield "SGDClassifier", lambda: linear_model.SGDClassifier(loss="log_loss")
    for name in _UNSURE:
        yield (
            f"CalibratedClassifierCV({name})",
            lambda name=name: calibration.CalibratedClassifierCV(getattr(linear_model, name)(), cv=2),
        )
    yield "CalibratedClassifierCV(LinearSVC)", lambda: calibration.CalibratedClassifierCV(svm.LinearSVC(), cv=2)
    yield (
        "CalibratedClassifierCV(isotonic)",
        lambda: calibration.CalibratedClassifierCV(naive_bayes.GaussianNB(), method="isotonic", cv=2),
    )
    yield "SVC", lambda: svm.SVC(probability=True)
    yield "NuSVC", lambda: svm.NuSVC(nu=0.2, probability=True)
    yield "LinearDiscriminantAnalysis", discriminant_analysis.LinearDiscriminantAnalysis
    yield "QuadraticDiscriminantAnalysis", discriminant_analysis.QuadraticDiscriminantAnalysis
    yield "DecisionTreeClassifier", DecisionTreeClassifier
    yield "ExtraTreeClassifier", tree.ExtraTreeClassifier
    yield "RandomForestClassifier", lambda: ensemble.RandomForestClassifier(20)
    yield "ExtraTreesClassifier", lambda: ensemble.ExtraTreesClassifier(20)
    yield "GradientBoostingClassifier", lambda: ensemble.GradientBoostingClassifier(n_estimators=10)
    yield "HistGradientBoostingClassifier", lambda: ensemble.HistGradientBoostingClassifier(max_iter=10)
    yield "AdaBoostClassifier", lambda: ensemble.AdaBoostClassifier(n_estimators=10)
    yield "BaggingClassifier", ensemble.BaggingClassifier
    pair = [("a", LogisticRegression()), ("b", DecisionTreeClassifier())]
    yield "VotingClassifier", lambda: ensemble.VotingClassifier(pair, voting="soft")
    yield "StackingClassifier", lambda: ensemble.StackingClassifier(pair, LogisticRegression(), cv=2)
    yield "KNeighborsClassifier", neighbors.KNeighborsClassifier
    yield "RadiusNeighborsClassifier", lambda: neighbors.RadiusNeighborsClassifier(radius=20)
    yield (
        "NeighborhoodComponentsAnalysis + KNeighborsClassifier",
        lambda: make_pipeline(
            neighbors.NeighborhoodComponentsAnalysis(2, max_iter=20), neighbors.KNeighborsClassifier()
        ),
    )
    for name in _NAIVE:
        scaled = () if name in ("GaussianNB", "BernoulliNB") else (_counted(),)
        yield name, lambda name=name, scaled=scaled: make_pipeline(*scaled, getattr(naive_bayes, name)())
    yield "MLPClassifier", lambda: neural_network.MLPClassifier(hidden_layer_sizes=(16,), max_iter=200)
    yield (
        "GaussianProcessClassifier",
        lambda: gaussian_process.GaussianProcessClassifier(1.0 * gaussian_process.kernels.RBF(), optimizer=None),
    )
    yield "OneVsRestClassifier", lambda: multiclass.OneVsRestClassifier(LogisticRegression())
    yield (
        "CalibratedClassifierCV(OneVsOneClassifier)",
        lambda: calibration.CalibratedClassifierCV(multiclass.OneVsOneClassifier(LogisticRegression()), cv=2),
    )
    yield "GridSearchCV (classes)", lambda: model_selection.GridSearchCV(LogisticRegression(), {"C": [0.1, 1]}, cv=2)
    yield "DummyClassifier", dummy.DummyClassifier
    yield (
        "ColumnTransformer + HistGradientBoostingClassifier",
        lambda: make_pipeline(
            _of_colour(preprocessing.OneHotEncoder(sparse_output=False)),
            ensemble.HistGradientBoostingClassifier(max_iter=10),
        ),
    )


def _of_colour(step: Any) -> Any:
    """A step that only the third column goes through, which is a category."""
    return compose.make_column_transformer((step, [2]), remainder="passthrough")


def _counted() -> Any:
    """Small whole numbers, as the naive Bayes of counts want them."""
    return preprocessing.KBinsDiscretizer(4, encode="ordinal", quantile_method="linear")
