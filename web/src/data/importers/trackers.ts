/** Experiment trackers whose exports are plain delimited text with a header of their own. */
import { readDelimited } from './delimited';
import { firstLine } from './importer';
import type { Importer } from './importer';

function tracker(id: string, header: RegExp): Importer {
  return {
    id,
    recognise: (text) => header.test(firstLine(text).replaceAll('"', '')),
    read: (text) => ({ ...readDelimited(text), format: id }),
  };
}

export const wandbRuns = tracker('wandb_runs', /^Name[,\t;]State[,\t;]/);
export const mlflowRuns = tracker(
  'mlflow_runs',
  /^(?=.*\bRun ID\b)(?=.*\b(?:Start Time|Duration)\b).*[,\t;]/,
);
export const tensorboard = tracker('tensorboard', /^Wall time[,\t;]Step[,\t;]Value\s*$/);
