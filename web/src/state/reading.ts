/** All that turns a text into a table: loaded with the first runs of one's own, not with the page. */
export { decode } from '../data/decode';
export { parseTable } from '../data/parse-table';
