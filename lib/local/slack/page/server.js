// The page's wire to the embedded Slack.

const WHY = {
  operation_timeout: 'The app did not answer in time. Whether it did something is not known.',
  dispatch_failed: 'The app could not be reached. Press again when it is back.',
  http_client_error: 'The app refused this.',
  http_service_error: 'The app had an internal error.',
  'no such button': 'The message has changed meanwhile and no longer has this button. Nothing was pressed.',
  'no such option': 'The message has changed meanwhile and no longer offers this. Nothing was chosen.',
  'no such message': 'This message is gone. Nothing was pressed.',
  offline: 'This page has lost its connection.',
};

/** Words for a person. */
export const explain = (answer) => {
  const why = Object.hasOwn(WHY, answer.why) ? WHY[answer.why] : String(answer.why ?? 'It did not work.');
  return answer.status === undefined ? why : `${why} (HTTP ${answer.status})`;
};

/** Never throws: a lost connection is an answer too. */
export const order = async (name, body) => {
  try {
    const response = await fetch(`/console/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return await response.json();
  } catch {
    return { ok: false, why: 'offline' };
  }
};

const KINDS = ['message', 'gone', 'ephemeral', 'ephemeral-gone', 'view', 'channels'];

/**
 * Listens in the name of a person. After each (re)connection the whole state is loaded anew; what arrives meanwhile is kept
 * and applied after it. Returns the function that stops.
 */
export const listen = (user, handlers) => {
  const source = new EventSource(`/console/events?user=${encodeURIComponent(user)}`);
  let waiting = [];
  let isStopped = false;
  const load = async () => {
    waiting ??= [];
    try {
      const response = await fetch(`/console/state?user=${encodeURIComponent(user)}`);
      const state = await response.json();
      if (isStopped) return;
      handlers.state(state);
      const kept = waiting ?? [];
      waiting = null;
      for (const [kind, data] of kept) handlers.event(kind, data);
      handlers.connection('live');
    } catch {
      if (!isStopped) setTimeout(load, 1_000);
    }
  };
  source.addEventListener('hello', load);
  source.addEventListener('error', () => {
    waiting = [];
    handlers.connection('lost');
  });
  for (const kind of KINDS) {
    source.addEventListener(kind, (event) => {
      const data = JSON.parse(event.data);
      if (kind === 'channels') load();
      else if (waiting === null) handlers.event(kind, data);
      else waiting.push([kind, data]);
    });
  }
  return () => {
    isStopped = true;
    source.close();
  };
};
