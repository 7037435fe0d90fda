#!/usr/bin/env bash
#SBATCH --job-name=mlps-summary
#SBATCH --output=mlps-summary-%j.log
#SBATCH --requeue

# Ends with 0 where every slide is finished or was skipped for a reason, else with 3; the log names the others.
exec "${MLPS:-mlps}" cohort summarize --output "$1"
