import type { Job, JobBody } from '../domain/job.ts';

const MAX_JOB_BYTES = 200_000;

/** The body as JSON. Throws, by name and size, when it is larger than any queue of ours takes. */
export const writeJobBody = (job: Job): string => {
  const body = JSON.stringify(job.body);
  const bytes = Buffer.byteLength(body);
  if (bytes > MAX_JOB_BYTES) {
    throw new Error(
      `job ${job.id} (${job.body.kind}) has ${bytes} bytes, more than ${MAX_JOB_BYTES}: compact it before it is put`,
    );
  }
  return body;
};

/** Whether it can be a body that was put; its members are trusted, since only we put. */
export const isJobBody = (value: unknown): value is JobBody =>
  typeof value === 'object' && value !== null && 'kind' in value && typeof value.kind === 'string';
