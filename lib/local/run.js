// The entry of every npm command: the right Node first, then a compile cache, then the command itself.
import './require-node.js';
import { enableCompileCache } from 'node:module';

enableCompileCache();
const { runCommand } = await import('./commands.ts');
await runCommand(process.argv.slice(2));
