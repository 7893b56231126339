"""Many needs against very many results, from files to a file: in bounded memory, resumable at any moment.

    python -m matcher batch --needs N.jsonl --results R.jsonl --out RUN.tsv

`run.BatchRun` is the whole; `journal` says whose work a folder holds, `blocks` what of it is finished.
"""
