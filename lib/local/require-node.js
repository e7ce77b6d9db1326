// Plain JavaScript on purpose: it must run, and explain itself, on a Node that cannot read TypeScript.
const wanted = 24;
const running = Number(process.versions.node.split('.')[0]);

if (running < wanted) {
  console.error(
    `mistral-triage runs on Node ${wanted}, and this is Node ${process.versions.node}: run it through npm ` +
      '(for example "npm start") after "npm ci" with install scripts allowed, which brings its own Node, or install Node 24.',
  );
  process.exit(1);
}
