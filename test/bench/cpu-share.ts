import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type CpuShare = {
  /** From now on the process has no more than the share. */
  readonly limit: (processId: number) => void;
  readonly remove: () => void;
};

/** As Lambda's scheduler: what is used up within 20 ms comes back with the next 20. */
const PERIOD_US = 20_000;

const V1 = '/sys/fs/cgroup/cpu';
const V2 = '/sys/fs/cgroup';

/** A group of Linux that holds its processes to `share` of one CPU; null where this machine lets us make none. */
export const openCpuShare = (share: number): CpuShare | null => {
  const quotaUs = Math.round(share * PERIOD_US);
  const isV1 = existsSync(join(V1, 'cpu.cfs_quota_us')) || existsSync(join(V1, 'cgroup.procs'));
  const folder = join(isV1 ? V1 : V2, `mistral-triage-bench-${process.pid}`);
  const remove = (): void => {
    if (existsSync(folder)) rmdirSync(folder);
  };
  try {
    mkdirSync(folder);
    if (isV1) {
      writeFileSync(join(folder, 'cpu.cfs_period_us'), String(PERIOD_US));
      writeFileSync(join(folder, 'cpu.cfs_quota_us'), String(quotaUs));
    } else writeFileSync(join(folder, 'cpu.max'), `${quotaUs} ${PERIOD_US}`);
  } catch {
    try {
      remove();
    } catch {
      return null;
    }
    return null;
  }
  return {
    limit: (processId) => writeFileSync(join(folder, 'cgroup.procs'), String(processId)),
    remove,
  };
};
