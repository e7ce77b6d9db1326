// The entry of every npm command: the right Node first, then a compile cache, then the command itself.
// Everything after the first line is imported dynamically: a static import that this Node lacks would fail before the sentence is told.
import './require-node.js';

const { enableCompileCache } = await import('node:module');
enableCompileCache();
const { runCommand } = await import('./commands.ts');
await runCommand(process.argv.slice(2));
