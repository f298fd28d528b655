import { Child } from './child.mjs';

export const startLoad = async () => {
  const load = new Child('./load.mjs', 'load');
  await load.ready;
  return load;
};
