"""Measuring the matcher on labelled pairs, and fitting its ranker. Needs the development requirements (ir-measures)."""
