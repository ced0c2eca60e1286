#pragma once
#define STATOR_VERSION "0.1.0"
