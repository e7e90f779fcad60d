"""What readers see.

canvas    what every chart is drawn on: the look, the colours, the words for who cannot see it
figures   charts that describe themselves, for the notebooks
tables    tables in the house style, for the notebooks
cleaning  what is taken out of executed notebooks
pages     executed notebooks as self-contained HTML, and the index that leads to them
roles     one page a role: what it does with which segment
"""
