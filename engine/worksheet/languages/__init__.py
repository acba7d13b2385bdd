"""The languages of the worksheets, one file each, as those of the stepper are: a file more here is a language more."""
