"""How far a company is in buying, by the furthest act of its people."""

from datetime import date, timedelta
from pathlib import Path

import ibis.expr.types as ir
import numpy as np
import pandas as pd
import yaml

from coterie.windows import as_of_window, moment

STEPS = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))
AWARE, LAPSED, QUIET = "aware", "lapsed", "quiet"


def company_acts(events: ir.Table, homes: ir.Table, *, as_of: date, days: int) -> pd.DataFrame:
    """Tell what the people of each company did before `as_of`: one row a company of `homes`.

    Returns `company_key`, `active_people` in the last `days`, `last_act`, `recent_<stage>` (whether
    it was done in these days) and `bought` (whether ever).
    """
    seen = as_of_window(events, as_of=as_of).select("person_id", "at", "verb")
    done = homes.left_join(seen, "person_id")
    recent = (done["at"] >= moment(as_of - timedelta(days=days))).fill_null(False)
    flags = {
        f"recent_{stage}": (recent & done["verb"].isin(verbs)).any().fill_null(False)
        for stage, verbs in STEPS.items()
    }
    sums = done.group_by("company_key").agg(
        active_people=done["person_id"].nunique(where=recent),
        last_act=done["at"].max(),
        bought=(done["verb"] == "purchase").any().fill_null(False),
        **flags,
    )
    return sums.order_by("company_key").to_pandas()


def buying_stages(acts: pd.DataFrame) -> np.ndarray:
    """Name the furthest stage of each company, `quiet` where nobody did anything lately.

    A company that bought, and of which nobody was seen lately, has lapsed.

    >>> never = {f"recent_{stage}": [False] * 3 for stage in STEPS}
    >>> acts = pd.DataFrame({"active_people": [1, 0, 0], "bought": [False, True, False]} | never)
    >>> buying_stages(acts).tolist()
    ['aware', 'lapsed', 'quiet']
    """
    asked = [acts[f"recent_{stage}"] for stage in STEPS] + [acts["active_people"] > 0]
    return np.select([*asked, acts["bought"]], [*STEPS, AWARE, LAPSED], default=QUIET)
