/** Every form of table the page can read, the most telling first; the last one takes anything. */
import { delimited } from './delimited';
import { html } from './html';
import type { Importer } from './importer';
import { json, jsonLines } from './json';
import { latex } from './latex';
import { markdown } from './markdown';
import { mlflowRuns, tensorboard, wandbRuns } from './trackers';
import { wandbChart } from './wandb-chart';

export const importers: readonly Importer[] = [
  html,
  jsonLines,
  json,
  latex,
  markdown,
  wandbChart,
  wandbRuns,
  mlflowRuns,
  tensorboard,
  delimited,
];
