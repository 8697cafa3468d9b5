"""All mistakes there are, in the order of the table."""

from __future__ import annotations

from pitfalls.batch_spearman import BatchSpearman
from pitfalls.best_of_twenty import BestOfTwenty
from pitfalls.crawl_columns import CrawlColumns
from pitfalls.drop_last import DropLast
from pitfalls.duplicates import Duplicates
from pitfalls.early_readings import EarlyReadings
from pitfalls.fitted_on_test import FittedOnTest
from pitfalls.honest.mistake import Mistake
from pitfalls.no_embargo import NoEmbargo
from pitfalls.pseudo_labels import PseudoLabels
from pitfalls.random_split import RandomSplit
from pitfalls.random_split_user_means import RandomSplitUserMeans
from pitfalls.stopped_on_test import StoppedOnTest
from pitfalls.target_encoding import TargetEncoding

MISTAKES: dict[str, Mistake] = {
    one.name: one
    for one in (
        RandomSplit(),
        RandomSplitUserMeans(),
        TargetEncoding(),
        NoEmbargo(),
        CrawlColumns(),
        EarlyReadings(),
        FittedOnTest(),
        PseudoLabels(),
        Duplicates(),
        StoppedOnTest(),
        BestOfTwenty(),
        BatchSpearman(),
        DropLast(),
    )
}
