/** All that is loaded with the crew, and not with the page. */
export { createEstimator } from '../core/estimator';
export { createEstimation } from './estimation';
