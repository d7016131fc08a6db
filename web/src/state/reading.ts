/**
 * All that turns a text into a dataset, with the words for what is wrong in it: loaded with the first
 * runs of one's own, or when a column of an example is given another meaning; not with the page.
 */
export { decode } from '../data/decode';
export { guessMapping } from '../data/guess-mapping';
export { parseTable } from '../data/parse-table';
export { readDataset } from '../data/read-dataset';
export { problemText } from '../text/data';
