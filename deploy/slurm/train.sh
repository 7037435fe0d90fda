#!/usr/bin/env bash
#SBATCH --job-name=mlps-train
#SBATCH --output=mlps-train-%j.log
#SBATCH --open-mode=append
#SBATCH --requeue
#SBATCH --signal=B:USR1@120

# Trains on several devices, one task each:
#
#   sbatch --ntasks=8 --gpus-per-task=1 deploy/slurm/train.sh --data tissue --model tissue.zip --checkpoint kept [more options of mlps train]
#
# Environment: MLPS, the program (default: mlps). It may be killed at any time: the same job goes on from its last checkpoint.
set -uo pipefail

srun --mpi=pmix --kill-on-bad-exit=1 "${MLPS:-mlps}" train --ranks mpi "$@" &
step=$!

# Two minutes before the time limit Slurm sends USR1: stop all ranks after the same step, and queue again.
trap 'kill -TERM "$step"; wait "$step"; scontrol requeue "$SLURM_JOB_ID"; exit 0' USR1

# A node that is drained sends TERM: stop, and end with the code that clusters with RequeueExit=75 queue again.
trap 'kill -TERM "$step"; wait "$step"; exit 75' TERM

wait "$step"
