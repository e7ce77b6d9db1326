import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startChild } from './child.ts';
import { annotationsOf, createPoster, labelsOf, type System, serviceOf } from './system.ts';
import { startable } from './unpacked-program.ts';

const configOf = (webhookUrl: string): string => `route:
  receiver: sink
  group_by: [alertname]
  group_wait: 0s
  group_interval: 5m
  repeat_interval: 4h
receivers:
  - name: sink
    slack_configs:
      - api_url: ${webhookUrl}
        channel: '#incidents'
        send_resolved: false
`;

type Options = { readonly binary: string; readonly folder: string; readonly sinkUrl: string };

/** The real Alertmanager, alone (no cluster), on a free port of loopback. */
export const startAlertmanager = async ({ binary, folder, sinkUrl }: Options): Promise<System> => {
  const configFile = join(folder, 'alertmanager.yml');
  await writeFile(configFile, configOf(`${sinkUrl}/webhook`));
  const child = await startChild({
    ...startable(binary, [
      `--config.file=${configFile}`,
      `--storage.path=${join(folder, 'alertmanager')}`,
      '--web.listen-address=127.0.0.1:0',
      '--web.external-url=http://127.0.0.1:9093',
      '--cluster.listen-address=',
    ]),
    environment: { HOME: folder, PATH: process.env['PATH'] ?? '' },
    readyLine: /Listening on.*?address=(127\.0\.0\.1:\d+)/,
  });
  const post = createPoster(`http://${child.ready[1] ?? ''}/api/v2/alerts`);
  const idOf = (index: number): string => `BenchAlertmanager${String(index).padStart(4, '0')}`;
  return {
    name: 'alertmanager',
    idOf,
    post: (index) =>
      post([{ labels: labelsOf(idOf(index), serviceOf(index)), annotations: annotationsOf(idOf(index)) }]),
    stop: () => child.stop('SIGTERM'),
  };
};
