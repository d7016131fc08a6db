import type { Context } from '../context';
import type { Options, Usage } from '../options';

export interface Verb {
  usage: Usage;
  /** Writes its report; what stops it is thrown (complaints.ts). */
  run(context: Context, options: Options): Promise<void>;
}
