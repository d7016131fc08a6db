// @ts-nocheck: Module and ENV are in the file that Emscripten puts this into
// Emscripten gives programs an environment of its own making; GoogleTest reads its share of the tests from the real one.
Module['preRun'] = () => Object.assign(ENV, process.env);
