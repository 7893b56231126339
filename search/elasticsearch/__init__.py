"""The Elasticsearch engine, for a province's data: servers from 8.18 on and 9, no plug-in, no paid licence.

(8.18 brought `rescore_vector`: cosines from the full vectors, where int8 alone is wrong by some hundredths.)
"""
