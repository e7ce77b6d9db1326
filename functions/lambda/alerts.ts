import { openAlerts } from '../../lib/app/aws/alerts.ts';
import type { HttpEvent } from '../../lib/intake/http-event.ts';
import { createAlertsHandler } from '../alerts.ts';
import { createDeploymentsHandler } from '../deployments.ts';
import { createSnsAlertsHandler, type SnsEvent } from '../sns-alerts.ts';

const { primed, ...parts } = openAlerts(process.env);
const answerAlerts = createAlertsHandler(parts);
const answerDeployments = createDeploymentsHandler(parts);
const takeSns = createSnsAlertsHandler(parts);

const answerHttp = (event: HttpEvent) =>
  event.rawPath === '/deployments' ? answerDeployments(event) : answerAlerts(event);

/** Called by the HTTP API, and by SNS itself: only topics that the function's policy names can. */
export const handler = (event: HttpEvent | SnsEvent) => ('Records' in event ? takeSns(event) : answerHttp(event));

await primed;
