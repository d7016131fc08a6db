/**
 * All that turns a text into a table, with the words for what is wrong in it: loaded with the first
 * runs of one's own, not with the page.
 */
export { decode } from '../data/decode';
export { parseTable } from '../data/parse-table';
export { problemText } from '../text/data';
