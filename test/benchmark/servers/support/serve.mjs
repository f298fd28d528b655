// What every server process has in common: it listens on a free port, tells its parent, answers questions
// about its use of the machine, and ends when its parent is gone.
import process from 'node:process';

const answers = {
  usage: () => {
    const { user, system } = process.cpuUsage();
    return {
      cpuSeconds: (user + system) / 1e6,
      rss: process.memoryUsage.rss(),
      // Kibibytes by Node's documentation.
      peakRss: process.resourceUsage().maxRSS * 1024,
    };
  },
};

process.on('message', ({ id, ask, with: argument }) => {
  process.send({ id, answer: answers[ask](argument) });
});
process.on('disconnect', () => process.exit());

/** Starts a Node server and reports it ready. */
export function serve(server) {
  server.listen(0, '127.0.0.1', () => process.send({ ready: { port: server.address().port } }));
}
