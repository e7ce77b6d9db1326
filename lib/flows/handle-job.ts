import type { TakenJob } from '../ports/jobs.ts';
import { handleMitigateJob } from './handle-mitigate-job.ts';
import { handleTriageJob } from './handle-triage-job.ts';
import { handleWorkerJob } from './handle-worker-job.ts';
import type { Parts } from './parts.ts';

/** One job that is not an alert, of any queue: where all of them are worked on in one process. */
export const handleJob = (parts: Parts, job: TakenJob): Promise<void> => {
  switch (job.queue) {
    case 'jobs':
      return handleWorkerJob(parts, job);
    case 'triage':
      return handleTriageJob(parts, job);
    case 'mitigate':
      return handleMitigateJob(parts, job);
  }
};
