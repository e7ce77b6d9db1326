/** One system call of a trace by `strace -f -y`; `begin` and `end` are the lines where it was entered and where it returned. */
type Call = {
  readonly name: string;
  /** What the descriptor stands for: a path, or `socket:[inode]`, which names one connection. */
  readonly target: string;
  /** Arguments and result, as strace writes them. */
  readonly text: string;
  readonly begin: number;
  readonly end: number;
};

const ENTERED = /^(\d+)\s+(\w+)\(\d+<([^>]*)>(.*)$/;
const RESUMED = /^(\d+)\s+<\.\.\. \w+ resumed>(.*)$/;
const UNFINISHED = '<unfinished ...>';

/** Calls on descriptors, in the order in which they were entered. A call cut in two by another thread is put together again. */
export const readTrace = (trace: string): readonly Call[] => {
  const calls: Call[] = [];
  const open = new Map<string, Call>();
  for (const [line, text] of trace.split('\n').entries()) {
    const [, pid = '', name = '', target = '', rest = ''] = ENTERED.exec(text) ?? [];
    const [, resumed = '', tail = ''] = RESUMED.exec(text) ?? [];
    const begun = open.get(resumed);
    if (rest.endsWith(UNFINISHED)) {
      open.set(pid, { name, target, text: rest.slice(0, -UNFINISHED.length), begin: line, end: line });
    } else if (begun) {
      open.delete(resumed);
      calls.push({ ...begun, text: begun.text + tail, end: line });
    } else if (name !== '') {
      calls.push({ name, target, text: rest, begin: line, end: line });
    }
  }
  return calls.sort((one, other) => one.begin - other.begin);
};

const WRITES = ['write', 'writev', 'sendto', 'sendmsg'];
const SYNCS = ['fsync', 'fdatasync'];

const isLog = ({ target }: Call): boolean => target.endsWith('/state.sqlite-wal');
const isSocket = ({ target }: Call): boolean => target.startsWith('socket:');

/**
 * What is wrong with the answer to the alert that carries this mark; null when its 202 left after the write of its job to the log
 * of the state file had been synced.
 */
export const findTrouble = (calls: readonly Call[], mark: string): string | null => {
  const arrived = calls.find((call) => call.name === 'read' && isSocket(call) && call.text.includes(mark));
  if (!arrived) return 'it was never read from a socket';
  const answered = calls.find(
    (call) =>
      WRITES.includes(call.name) &&
      call.target === arrived.target &&
      call.begin > arrived.end &&
      call.text.includes('"HTTP/1.1 202 '),
  );
  if (!answered) return 'no 202 was written to its socket';
  const written = calls.find(
    (call) => call.name === 'pwrite64' && isLog(call) && call.begin > arrived.end && call.text.includes(mark),
  );
  if (!written || written.end > answered.begin) return 'its 202 left before it was written to the log';
  const synced = calls.find(
    (call) => SYNCS.includes(call.name) && isLog(call) && call.begin > written.end && / = 0$/.test(call.text),
  );
  if (!synced || synced.end > answered.begin) return 'its 202 left before the log was synced';
  return null;
};
