import { UnknownJob } from '../domain/job.ts';
import type { TakenJob } from '../ports/jobs.ts';
import { applyMitigation } from './apply-mitigation.ts';
import type { Parts } from './parts.ts';
import { undoMitigation } from './undo-mitigation.ts';

/** Changes the world: secrets and controls. May be called again for the same job. */
export const handleMitigateJob = async (parts: Parts, { body }: TakenJob): Promise<void> => {
  switch (body.kind) {
    case 'mitigate':
      return applyMitigation(parts, body.leaseId);
    case 'undo':
      return undoMitigation(parts, body);
    default:
      // A newer version put it: never done here, so that it comes back for that version, or ends as a dead letter that is told.
      throw new UnknownJob();
  }
};
