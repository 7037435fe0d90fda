#!/usr/bin/env bash
#SBATCH --job-name=mlps-slides
#SBATCH --output=mlps-slides-%A_%a.log
#SBATCH --open-mode=append
#SBATCH --requeue
#SBATCH --signal=B:USR1@120

# One part of the slides. It may be killed at any time: a slide goes on from its last finished band, in the next run of the same task.
set -uo pipefail

task="${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}"
"${MLPS:-mlps}" slides --shard slurm "$@" &
mlps=$!

# (TERM and not INT, which shells have background processes ignore.)
# Two minutes before the time limit Slurm sends USR1: stop, and queue again.
trap 'kill -TERM "$mlps"; wait "$mlps"; scontrol requeue "$task"; exit 0' USR1

# A node that is drained sends TERM: stop, and end with the code that clusters with RequeueExit=75 queue again.
trap 'kill -TERM "$mlps"; wait "$mlps"; exit 75' TERM

wait "$mlps"
