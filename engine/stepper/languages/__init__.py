"""The languages of the stepper, one file each: a file more here is a language more. See `english.py` for what it
holds; what it lacks is shown in English, and named by `tests/engine/test_stepper_texts.py`."""
