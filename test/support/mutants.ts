/** Whether `npm run mutate` runs the tests. A test that starts a process, or sends thousands of requests, costs too much then. */
export const isMutated = process.env.MUTANTS_TESTS !== undefined;
