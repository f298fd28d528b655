/** Changes that no test can notice: `line | what it was → what it becomes`, and why. */
export const KEPT = {};
