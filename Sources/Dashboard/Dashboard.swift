internal import TSEngine
