#!/usr/bin/env bash
# A Slurm cluster of virtual nodes on this machine, apart from any other. It lives while the standard input is open, so that it ends with whoever started it.
#
#   slurm-cluster.sh FOLDER CONTROLLER_PORT NODE_PORT...
#
# A node for each port: n1, n2, … Prints "ready", or why not. A line "kill n2" on the standard input kills a node: its daemon, and all that runs on it.
set -uo pipefail
shopt -s nullglob

folder=$(realpath "$1")
controller=$2
ports=("${@:3}")
host=$(hostname -s)
user=$(id -un)
export PATH=$PATH:/usr/sbin SLURM_CONF=$folder/slurm.conf

{
  cat << END
ClusterName=mlps$controller
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$controller
SlurmUser=$user
SlurmdUser=$user
AuthType=auth/none
CredType=cred/none
AuthInfo=cred_expire=5
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
SchedulerParameters=batch_sched_delay=0,sched_min_interval=10000,sched_interval=1,bf_interval=1
MinJobAge=600
JobRequeue=1
RequeueExit=75
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/%n
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/%n/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/%n/slurmd.log
PartitionName=main Nodes=ALL Default=YES State=UP
END
  for i in "${!ports[@]}"; do
    echo "NodeName=n$((i + 1)) NodeHostname=$host NodeAddr=127.0.0.1 Port=${ports[i]} CPUs=1 RealMemory=1000"
  done
} > "$SLURM_CONF"
printf 'CgroupAutomount=no\nConstrainCores=no\nConstrainRAMSpace=no\n' > "$folder/cgroup.conf"

# Processes that hold files below a folder: daemons hold their logs, the shells of jobs their scripts.
holding() {
  find /proc/[0-9]*/fd -lname "$1/*" 2> /dev/null | cut -d/ -f3
}

# Processes of jobs, whose environments name the cluster, and the node where one is given.
jobs_of() {
  local environment
  for environment in $(grep -lsxzF "SLURM_CONF=$SLURM_CONF" /proc/[0-9]*/environ); do
    if [[ $# -eq 0 ]] || grep -qsxzF "SLURMD_NODENAME=$1" "$environment"; then
      cut -d/ -f3 <<< "$environment"
    fi
  done
}

# Stopped first: a daemon that sees its task die would say so.
kill_all() {
  local processes
  mapfile -t processes < <(sort -u | grep -vx "$$")
  if ((${#processes[@]} > 0)); then
    kill -STOP "${processes[@]}" 2> /dev/null
    kill -KILL "${processes[@]}" 2> /dev/null
  fi
}

end() {
  trap - EXIT
  { holding "$folder"; jobs_of; } | kill_all
  while holding "$folder" | grep -qvx "$$"; do
    sleep 0.05
  done

  exit 0
}
trap end EXIT HUP INT TERM

mkdir -p "$folder/state"
slurmctld -D > "$folder/slurmctld.out" 2>&1 < /dev/null &
disown
for i in "${!ports[@]}"; do
  mkdir -p "$folder/n$((i + 1))"
  slurmd -D -N "n$((i + 1))" > "$folder/n$((i + 1))/slurmd.out" 2>&1 < /dev/null &
  disown
done

for ((try = 0; try < 300; try++)); do
  if [[ $(sinfo -h -t idle -o %D 2> /dev/null) == "${#ports[@]}" ]]; then
    echo ready
    break
  fi

  read -rt 0.1 -u 0 line
  [[ $? -eq 1 ]] && exit
done

if ((try == 300)); then
  echo "not ready: $(sinfo 2>&1 | tr '\n' ' ') $(tail -n 5 "$folder"/*.out "$folder"/*.log "$folder"/n1/*.log 2>&1 | tr '\n' ' ')"
  exit
fi

while read -r verb node; do
  if [[ $verb == kill ]]; then
    { holding "$folder/$node"; jobs_of "$node"; } | kill_all
    echo "killed $node"
  fi
done
