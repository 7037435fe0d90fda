#!/usr/bin/env bash
# Segments many slides on a Slurm cluster: an array of tasks, one part of the slides each, and a job that sums up once all of them have ended.
#
#   deploy/slurm/submit.sh TASKS --model tissue.zip --slides FOLDER --output FOLDER [more options of mlps slides]
#
# Environment: MLPS, the program (default: mlps); SBATCH_*, anything that sbatch takes, such as SBATCH_PARTITION and SBATCH_GRES=gpu:1.
# Prints the numbers of both jobs. The same line again goes on with what is missing.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
if [[ $# -lt 1 || ! $1 =~ ^[1-9][0-9]*$ ]]; then
  echo "error: the first argument is the number of tasks, at least 1; see the first lines of $0." >&2
  exit 1
fi

tasks=$1
shift
output=
for ((i = 1; i < $#; i++)); do
  if [[ ${!i} == --output ]]; then
    next=$((i + 1))
    output=${!next}
  fi
done

if [[ -z $output ]]; then
  echo "error: --output is missing." >&2
  exit 1
fi

array=$(sbatch --parsable --array="0-$((tasks - 1))" "$here/slides.sh" "$@")
summary=$(sbatch --parsable --dependency="afterany:$array" "$here/summarize.sh" "$output")
echo "$array $summary"
