import { runProgram } from './cli/program.js';
import { keepTransferMemory } from './transfer-memory.js';

keepTransferMemory();

process.exitCode = await runProgram(process.argv.slice(2));
