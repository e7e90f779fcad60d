"""coterie: audience segmentation that says when there is nothing to segment.

ground  contracts    what every table and column means
        lake         the only memory between notebooks
        study        one settings file a study
        statistics   intervals, tests, resampling
        disclosure   what may be shown
        windows      what may be seen before a day, and what counts after it
        wording      words that readers see in place of column names and numbers
        parsing      what is said where a written query or rule cannot be read
        demo         a planted world whose truth is known
rooms   objectives, sourcing, features, psychographics, segments,
        scores, rules, experiments, governance, activation, monitoring: one a notebook
top     runner, cli, views, reporting: run the notebooks, show what they found
"""

__version__ = "0.13.0"
