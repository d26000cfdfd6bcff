"""An audit of the seeds: copies, missing runs, floors and ceilings."""
