"""Treatments against a baseline, without a knob: is one better, is it as good, and for whom does that hold?"""
