"""Directions in which classes lie apart (Fisher 1936; of portraits: Belhumeur, Hespanha and Kriegman 1997)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sklearn.decomposition import PCA


def discriminants(components: PCA, rows: NDArray[np.float32], targets: NDArray[Any]) -> PCA:
    """The whitened `components` and linear discriminants of them, as components of the rows themselves.

    There is one fewer than there are classes. Within a class, examples vary by 1 along each, so that what they vary by
    anyway, such as the light, counts for little.
    """
    from sklearn.decomposition import PCA
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    found = LinearDiscriminantAnalysis(solver="svd").fit(components.fit_transform(rows), targets)
    scalings = found.scalings_[:, : len(found.classes_) - 1]
    whitened = components.components_ / np.sqrt(components.explained_variance_)[:, None]
    folded = PCA(scalings.shape[1])
    folded.mean_ = components.mean_ + components.components_.T @ (np.sqrt(components.explained_variance_) * found.xbar_)
    folded.components_ = (whitened.T @ scalings).T
    folded.n_components_, folded.n_features_in_ = scalings.shape[1], rows.shape[1]
    folded.explained_variance_ = (folded.transform(rows[:1000])).var(axis=0)
    return folded
