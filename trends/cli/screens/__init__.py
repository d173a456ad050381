"""What commands print, made from the files of a run and nothing else."""
