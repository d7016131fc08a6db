/** The only place where the page loads the module for estimation. */
import createIsoloss from 'isoloss-estimation';
import { serve } from './serve';

serve(createIsoloss);
