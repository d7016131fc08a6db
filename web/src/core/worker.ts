/** The only place that loads the module that the page starts with. */
import createIsoloss from 'isoloss-engine';
import { serve } from './serve';

serve(createIsoloss);
