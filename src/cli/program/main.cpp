#include "../app.h"

int main(int count, char** words) { return tamis::cli::run_program({words + (count > 0 ? 1 : 0), words + count}); }
