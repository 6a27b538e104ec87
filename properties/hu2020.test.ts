import { describePaper } from '../src/testing/paper.js';

describePaper('hu2020');
