"""Tests. One thread each: the models are tiny, and several threads would mostly wait for each other."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch and scikit-learn are imported
