// Loaded into a sample's process: when the process that started it is gone, however that ended, so is its
// end of this pipe. The signal lets the app close in order.
process.stdin.resume().once('end', () => process.kill(process.pid, 'SIGTERM'));
process.stdin.unref();
