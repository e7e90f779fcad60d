"""`coterie new`: a first study file, from nothing but somebody's folder of files.

peeking (which tables lie in a file), contexts (what its path says), newest (the newest moment, for
`as_of`), looking (what each table is taken for), drafts (the study file, written).
"""
