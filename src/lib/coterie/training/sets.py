"""Which sets a head is trained on: public ones by its name, or files of one's own."""

from collections.abc import Callable
from pathlib import Path

from coterie.study import DataError
from coterie.training.corpora import TrainingSets, emotion, own_corpus, sentiment, values
from coterie.training.intents import intent

READERS: dict[str, Callable[[Path], TrainingSets]] = {
    "sentiment": sentiment,
    "emotion": emotion,
    "intent": intent,
    "values": values,
}


def read_training_sets(head: str, folder: str | Path) -> TrainingSets:
    """Read the training sets of a head: public ones, or a `train.csv` and `validation.csv`.

    Your own files need the columns `text` and `label`.

    Raises
    ------
    DataError
        Naming the file that is missing or cannot be read.
    """
    folder = Path(folder)
    try:
        if (folder / "train.csv").exists():
            train = own_corpus(folder / "train.csv")
            return TrainingSets(
                [train], [4], own_corpus(folder / "validation.csv", labels=train.labels)
            )
        if head not in READERS:  # a new name, of which there are no public sets
            raise FileNotFoundError(2, "", str(folder / "train.csv"))
        return READERS[head](folder)
    except FileNotFoundError as error:
        raise DataError(
            f"coterie train {head}: {error.filename} is missing; "
            "--data names a folder with train.csv and validation.csv (columns text, label), "
            "or with the public sets that the head's card lists."
        ) from error
